import { onMount } from 'svelte';

/**
 * Called while a dialog that exists only as long as it is open is made. When it goes, the focus returns to where it was before; while it is
 * there, the focus stays in it: also when what had it is disabled or goes away, or keys would no longer reach the dialog.
 */
export function returnFocus(): void {
  const before = document.activeElement;
  onMount(() => {
    const dialog = document.querySelector<HTMLElement>('[role="dialog"]');
    const look = () =>
      afterDrawing(() => {
        if (dialog?.isConnected === true && document.activeElement === document.body) dialog.focus();
      });
    const observer = new MutationObserver(look);
    if (dialog !== null) observer.observe(dialog, { subtree: true, childList: true, attributeFilter: ['disabled'] });
    return () => {
      observer.disconnect();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  });
}

/** The browser lets go of the focus of what was disabled while it draws: after the callbacks of the frame, which would look too early. */
function afterDrawing(then: () => void): void {
  requestAnimationFrame(() => setTimeout(then));
}
