import { setThemeChoice, type ThemeChoice, useThemeChoice } from '../theme/theme.ts';

const next: Readonly<Record<ThemeChoice, ThemeChoice>> = { system: 'light', light: 'dark', dark: 'system' };
const sign: Readonly<Record<ThemeChoice, string>> = { system: '◐', light: '☀', dark: '☾' };

/** Goes round: as the system, light, dark. */
export function ThemeSwitch() {
  const choice = useThemeChoice();
  const label = `Theme: ${choice}. Change to ${next[choice]}`;
  return (
    <button
      type="button"
      className="button-quiet"
      aria-label={label}
      title={label}
      onClick={() => setThemeChoice(next[choice])}
    >
      <span aria-hidden="true">{sign[choice]}</span>
    </button>
  );
}
