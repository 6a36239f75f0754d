import { serviceColor } from '../theme/service-color.ts';

/** The service's colour; its name stands beside it, always. */
export function ServiceDot({ name }: { readonly name: string }) {
  return (
    <svg className="service-dot" width="9" height="9" viewBox="0 0 9 9" aria-hidden="true">
      <rect width="9" height="9" rx="2.5" fill={serviceColor(name)} />
    </svg>
  );
}
