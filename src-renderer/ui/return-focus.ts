import { onMount } from 'svelte';

/**
 * Called while a dialog that exists only as long as it is open is made. When it goes, the focus returns to where it was before; while it is
 * there, the focus stays in it: also when what had it is disabled or goes away, or keys would no longer reach the dialog.
 */
export function returnFocus(): void {
  const before = document.activeElement;
  onMount(() => {
    const dialog = document.querySelector<HTMLElement>('[role="dialog"]');
    // The browser lets go of the focus only when it draws.
    const look = () =>
      requestAnimationFrame(() => {
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
