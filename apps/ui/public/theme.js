// Sets the theme before the first paint. `src/theme/theme.ts` takes over from there; the storage key is its.
(() => {
  let choice = 'system';
  try {
    choice = localStorage.getItem('spoor.theme') ?? 'system';
  } catch {
    // Storage may be forbidden; the system's theme then.
  }
  const dark = choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
