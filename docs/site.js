// Code that is wider than the page is scrolled with the keyboard, too.
document$.subscribe(() => {
  for (const code of document.querySelectorAll("pre > code")) {
    if (code.scrollWidth > code.clientWidth) code.tabIndex = 0;
  }
});
