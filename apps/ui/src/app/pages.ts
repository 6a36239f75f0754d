/** The pages whose scripts come only when they are wanted. Asked for twice, they are loaded once. */
export async function loadSearchPage() {
  return (await import('../search/SearchPage.tsx')).SearchPage;
}

export async function loadTracePage() {
  return (await import('../trace/TracePage.tsx')).TracePage;
}
