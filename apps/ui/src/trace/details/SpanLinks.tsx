import type { Span } from '@spoor/model';
import { Link } from 'wouter';
import { formatCounted } from '../../format/number.ts';
import { AttributeTable } from './AttributeTable.tsx';

/** Links to spans of this trace and of others. */
export function SpanLinks({ span, words }: { readonly span: Span; readonly words: readonly string[] }) {
  return (
    <>
      {span.links.map((link) => (
        <div key={`${link.traceId} ${link.spanId}`}>
          <div className="span-link">
            <Link href={`/trace/${link.traceId}?span=${link.spanId}`}>
              {link.traceId === span.traceId ? 'Span in this trace' : `Trace ${link.traceId.slice(0, 7)}`}
            </Link>
            <code>{link.traceId === span.traceId ? link.spanId : `${link.traceId} / ${link.spanId}`}</code>
          </div>
          {link.attributes.length > 0 && (
            <AttributeTable
              label="Attributes of the link"
              attributes={link.attributes}
              droppedCount={link.droppedAttributesCount}
              words={words}
            />
          )}
        </div>
      ))}
      {span.droppedLinksCount > 0 && (
        <p className="attributes-none">
          {formatCounted(span.droppedLinksCount, 'more link')} dropped before they were sent (a limit of the SDK).
        </p>
      )}
    </>
  );
}
