// Code and tables that are wider than the page are scrolled with the keyboard, too.
document$.subscribe(() =>
  requestAnimationFrame(() => {
    for (const wide of document.querySelectorAll("pre > code, .md-typeset__scrollwrap")) {
      if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
    }
  }),
);
