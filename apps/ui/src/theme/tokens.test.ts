import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { serviceColorCount, serviceColorIndex } from './service-color.ts';

const css = readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8');
const [lightCss = '', darkCss = ''] = css.split(':root[data-theme="dark"]');

function colorsOf(block: string): Map<string, Rgb> {
  return new Map(
    [...block.matchAll(/--([\w-]+): #([0-9a-f]{6});/g)].map(([, name = '', hex = '']) => [
      name,
      [0, 2, 4].map((at) => linear(Number.parseInt(hex.slice(at, at + 2), 16) / 255)) as Rgb,
    ]),
  );
}

/** Linear light, 0 to 1. */
type Rgb = [number, number, number];
type Matrix = readonly [Rgb, Rgb, Rgb];

function linear(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}

function apply(matrix: Matrix, color: Rgb): Rgb {
  return matrix.map((row) => Math.max(0, row[0] * color[0] + row[1] * color[1] + row[2] * color[2])) as Rgb;
}

/** WCAG 2.2, relative luminance and contrast ratio. */
function contrast(a: Rgb, b: Rgb): number {
  const luminance = ([r, g, bl]: Rgb) => 0.2126 * r + 0.7152 * g + 0.0722 * bl;
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** How a colour looks with full protanopia and deuteranopia: Machado, Oliveira and Fernandes 2009. */
const visions: Readonly<Record<string, Matrix>> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
};

/** Distance in OKLab, where about 0.02 is what an eye can just tell apart side by side. */
function distance(a: Rgb, b: Rgb): number {
  const [first, second] = [a, b].map(toOklab) as [Rgb, Rgb];
  return Math.hypot(first[0] - second[0], first[1] - second[1], first[2] - second[2]);
}

function toOklab(color: Rgb): Rgb {
  const cones = apply(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    color,
  ).map(Math.cbrt) as Rgb;
  const row = (x: number, y: number, z: number) => x * cones[0] + y * cones[1] + z * cones[2];
  return [
    row(0.2104542553, 0.793617785, -0.0040720468),
    row(1.9779984951, -2.428592205, 0.4505937099),
    row(0.0259040371, 0.7827717662, -0.808675766),
  ];
}

describe.each([
  ['light', colorsOf(lightCss)],
  ['dark', new Map([...colorsOf(lightCss), ...colorsOf(darkCss)])],
])('%s theme', (_theme, colors) => {
  const color = (name: string) => colors.get(name) ?? expect.unreachable(`no colour ${name}`);
  const service = Array.from({ length: serviceColorCount }, (_, index) => `service-${String(index)}`);
  const surfaces = ['background', 'surface', 'surface-raised', 'surface-hover', 'surface-selected'];

  test.each([
    ...surfaces.flatMap((surface) => [
      ['text', surface],
      ['text-muted', surface],
    ]),
    ...['background', 'surface', 'surface-raised', 'accent-soft'].map((surface) => ['accent', surface]),
    ...['background', 'surface', 'surface-hover', 'error-soft'].map((surface) => ['error', surface]),
    ['accent-text', 'accent'],
    ['text', 'error-soft'],
    ['text', 'warning-soft'],
    ['text', 'accent-soft'],
    ['text', 'highlight'],
    ['warning', 'warning-soft'],
    ['success', 'background'],
  ])('%s can be read on %s', (text = '', surface = '') => {
    expect(contrast(color(text), color(surface))).toBeGreaterThanOrEqual(4.5);
  });

  test.each(['border-strong', 'focus', ...service])('%s stands out as a shape', (name) => {
    for (const surface of ['background', 'surface', 'surface-raised']) {
      expect(contrast(color(name), color(surface)), surface).toBeGreaterThanOrEqual(3);
    }
  });

  test.each(Object.keys(visions))('services can be told apart with %s vision', (vision) => {
    const seen = service.map((name) => apply(visions[vision] as Matrix, color(name)));
    const pairs = seen.flatMap((a, index) => seen.slice(0, index).map((b) => distance(a, b)));
    expect(Math.min(...pairs)).toBeGreaterThan(vision === 'normal' ? 0.08 : 0.04);
  });
});

test('a service keeps its colour for ever', () => {
  expect(['frontend', 'checkout', 'payment', 'größe', ''].map(serviceColorIndex)).toMatchInlineSnapshot(`
    [
      11,
      5,
      7,
      18,
      19,
    ]
  `);
});

test('names that stand together in many installations differ', () => {
  const names = ['frontend', 'cart', 'checkout', 'payment', 'shipping', 'inventory', 'currency', 'email'];
  expect(new Set(names.map(serviceColorIndex)).size).toBe(names.length);
});

test('names that are alike spread over all colours', () => {
  const counts = new Map<number, number>();
  for (let i = 0; i < 2_000; i++) {
    const index = serviceColorIndex(`orders-${String(i)}`);
    counts.set(index, (counts.get(index) ?? 0) + 1);
  }
  expect(counts.size).toBe(serviceColorCount);
  expect(Math.max(...counts.values())).toBeLessThan(150);
});
