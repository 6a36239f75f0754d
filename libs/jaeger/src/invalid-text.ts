import type { Tag, TagValue } from './message.ts';

/** The name of a span whose name is not UTF-8; its bytes are in the attribute of the same name (CONTRACT §9.2, sanitiser 3). */
const INVALID_SPAN_NAME = 'invalid-span-name';
const INVALID_TAG_KEY = 'invalid-tag-key';

/** Tags as senders write them, whose strings may hold anything. */
export class TagList {
  readonly tags: Tag[] = [];
  private invalidKeys = 0;

  /** A key that is not UTF-8 gets a name of its own, and its bytes go before the value (CONTRACT §9.2, sanitiser 3). */
  add(key: string | Uint8Array, value: TagValue): void {
    if (typeof key === 'string') {
      this.tags.push({ key, value });
      return;
    }
    this.invalidKeys += 1;
    const text = value instanceof Uint8Array ? value : Buffer.from(String(value));
    const separated = Buffer.concat([key, Buffer.from(':'), text]);
    this.tags.push({ key: `${INVALID_TAG_KEY}-${this.invalidKeys}`, value: new Uint8Array(separated) });
  }
}

/** The name, or what stands for one that is not UTF-8, its bytes added to the tags. */
export function soundSpanName(name: string | Uint8Array, tags: Tag[]): string {
  if (typeof name === 'string') return name;
  tags.push({ key: INVALID_SPAN_NAME, value: name });
  return INVALID_SPAN_NAME;
}
