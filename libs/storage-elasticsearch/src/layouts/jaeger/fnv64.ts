/** FNV-1a of 64 bits as 16 lower-case hex digits: what the peer hashes with (CONTRACT §5.2, §5.3). */
export function fnv64a(bytes: Uint8Array): string {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (let i = 0; i < bytes.length; i += 1) {
    low = (low ^ bytes[i]!) >>> 0;
    // The prime is 2^40 + 435. Every sum stays below 2^53.
    const product = low * 435;
    const lower = product >>> 0;
    high = (high * 435 + (product - lower) / 0x100000000 + low * 256) >>> 0;
    low = lower;
  }
  return hex(high) + hex(low);
}

function hex(half: number): string {
  return half.toString(16).padStart(8, '0');
}
