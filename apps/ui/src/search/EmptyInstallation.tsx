import { useEffect, useRef, useState } from 'react';

const refreshMs = 3_000;

/** Sends one span that began two seconds ago. The ids are made here, so that each copy is a trace of its own. */
function firstSpanCommand(hostname: string): string {
  const hex = (bytes: number) =>
    Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `curl http://${hostname}:4318/v1/traces -H 'Content-Type: application/json' -d '{
  "resourceSpans": [{
    "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "my-first-service"}}]},
    "scopeSpans": [{"spans": [{
      "traceId": "${hex(16)}", "spanId": "${hex(8)}",
      "name": "say hello", "kind": 2,
      "startTimeUnixNano": "'$(date +%s)'000000000", "endTimeUnixNano": "'$(date +%s)'250000000"
    }]}]
  }]
}'`;
}

function Snippet({ label, text }: { readonly label: string; readonly text: string }) {
  const [copied, setCopied] = useState(false);
  const content = useRef<HTMLPreElement>(null);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => {
    // There is no clipboard where the page comes without TLS from another host: then the text is selected, ready for the keys.
    const done = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'));
    done.then(
      () => setCopied(true),
      () => content.current && getSelection()?.selectAllChildren(content.current),
    );
  };
  return (
    <div className="snippet">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what can scroll must be reachable by keyboard */}
      <section aria-label={label} tabIndex={0}>
        <pre ref={content}>{text}</pre>
      </section>
      <button type="button" className="button" onClick={copy}>
        {copied ? 'Copied' : 'Copy'}
      </button>
    </div>
  );
}

/** Nothing was ever sent: says how, and looks again by itself until something is there. */
export function EmptyInstallation({ onRefresh }: { readonly onRefresh: () => void }) {
  const [command] = useState(() => firstSpanCommand(location.hostname));
  useEffect(() => {
    const timer = setInterval(onRefresh, refreshMs);
    return () => clearInterval(timer);
  }, [onRefresh]);
  return (
    <div className="empty">
      <h1>No spans have come in yet</h1>
      <p>Send the first one from a shell:</p>
      <Snippet label="Command that sends a span" text={command} />
      <p>Or start the demo, a small shop whose services send real traffic:</p>
      <Snippet label="Command that starts the demo" text="npm run demo" />
      <p>
        An application with an OpenTelemetry SDK needs one setting:{' '}
        <code>OTEL_EXPORTER_OTLP_ENDPOINT=http://{location.hostname}:4318</code> (gRPC on port 4317).
      </p>
      <p className="muted" role="status">
        Waiting for spans: this page looks again every three seconds.
      </p>
    </div>
  );
}
