"""Plots for the wall; nothing else needs it."""

import streamlit


def show() -> None:
    """Show them."""
    streamlit.title("Orders")
