import { useMemo } from 'react';
import { serviceColorCount } from './service-color.ts';
import { type Theme, useTheme } from './theme.ts';

/** The theme's colours as a canvas needs them: resolved, not `var(…)`. */
export interface CanvasColors {
  readonly theme: Theme;
  /** By `serviceColorIndex(name)`. */
  readonly service: readonly string[];
  /** The value of a custom property of `tokens.css`, for instance `token('--text')`. */
  token(name: `--${string}`): string;
}

function readCanvasColors(theme: Theme): CanvasColors {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    theme,
    service: Array.from({ length: serviceColorCount }, (_, index) => read(`--service-${index}`)),
    token: read,
  };
}

/** A new object whenever the theme changes: use it as a dependency of what draws. */
export function useCanvasColors(): CanvasColors {
  const theme = useTheme();
  return useMemo(() => readCanvasColors(theme), [theme]);
}
