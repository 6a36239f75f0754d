/** `id` is the path's last part as it stands: hex, perhaps without its leading zeros. */
export function TracePage({ id }: { readonly id: string }) {
  return <h1>{id}</h1>;
}
