// Runs before the first paint, so that the light theme does not flash dark.
try {
  const theme = localStorage.getItem("sesb.theme");
  if (theme === "light" || theme === "dark") {
    document.documentElement.dataset.theme = theme;
  }
} catch {
  // Storage may be forbidden; the dark default stands.
}
