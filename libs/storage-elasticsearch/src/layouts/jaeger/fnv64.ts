/** FNV-1a of 64 bits as 16 lower-case hex digits: what the peer hashes with (CONTRACT §5.2, §5.3). */
export function fnv64a(bytes: Uint8Array): string {
  let high = 0xcbf29ce4 | 0;
  let low = 0x84222325 | 0;
  for (let i = 0; i < bytes.length; i += 1) {
    low ^= bytes[i]!;
    // The prime is 2^40 + 435. What the lower word carries is worked out from its halves, so that all stays in 32-bit integers.
    const carry = ((low >>> 16) * 435 + (((low & 0xffff) * 435) >>> 16)) >>> 16;
    high = (Math.imul(high, 435) + (low << 8) + carry) | 0;
    low = Math.imul(low, 435);
  }
  return hex(high) + hex(low);
}

function hex(half: number): string {
  return (half >>> 0).toString(16).padStart(8, '0');
}
