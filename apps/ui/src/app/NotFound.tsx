import { Link, useLocation } from 'wouter';
import { Failure } from './Failure.tsx';

export function NotFound() {
  const [location] = useLocation();
  return (
    <Failure what="There is no such page" why={`Nothing is at ${location}.`}>
      <p>
        <Link href="/search">Go to the search</Link>, or paste a trace id into the box above.
      </p>
    </Failure>
  );
}
