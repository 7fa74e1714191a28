/** Hands the person a file, as a download of the page. */
export function saveFile(fileName: string, content: string | Uint8Array<ArrayBuffer>): void {
  const address = URL.createObjectURL(new Blob([content], { type: 'text/plain;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = fileName;
  link.click();
  // The browser has taken the address over by the time the click returns to the event loop.
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
