/** Whether the bytes from `start` to `end` are UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. */
export function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  return firstNonUtf8(bytes, start, end) < 0;
}

/** Where the first sequence begins that is not UTF-8; −1 when there is none. */
export function firstNonUtf8(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const lead = bytes[at]!;
    at += 1;
    if (lead < 0x80) continue;
    if (lead < 0xc2 || lead > 0xf4) return at - 1;
    const following = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    if (at + following > end) return at - 1;
    const second = bytes[at]!;
    if (second < lowestSecond(lead) || second > highestSecond(lead)) return at - 1;
    for (let i = 1; i < following; i += 1) if ((bytes[at + i]! & 0xc0) !== 0x80) return at - 1;
    at += following;
  }
  return -1;
}

function lowestSecond(lead: number): number {
  return lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
}

function highestSecond(lead: number): number {
  return lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
}
