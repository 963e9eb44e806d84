// Light or dark, before anything is painted: as the system says, or as was chosen here.
"use strict";

(() => {
  const KEY = "gatewatch-theme";
  const THEMES = ["system", "light", "dark"];

  function remembered() {
    try {
      return THEMES.includes(localStorage.getItem(KEY)) ? localStorage.getItem(KEY) : "system";
    } catch {
      return "system"; // a browser that keeps nothing
    }
  }

  function wear(theme) {
    document.documentElement.dataset.theme = theme;
  }

  wear(remembered());
  addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    function say() {
      const theme = document.documentElement.dataset.theme;
      button.textContent = theme;
      button.setAttribute("aria-label", `Theme: ${theme}. Change it`);
    }
    button.addEventListener("click", () => {
      const next = THEMES[(THEMES.indexOf(remembered()) + 1) % THEMES.length];
      try {
        localStorage.setItem(KEY, next);
      } catch {
        // It lasts until the page is left.
      }
      wear(next);
      say();
    });
    say();
  });
})();
