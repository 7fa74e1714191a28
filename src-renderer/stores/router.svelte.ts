import { parseRoute, routeLink, type Route } from '../text/routes.ts';

/** The present route, kept equal to the address. A page with unsaved work can ask before it is left. */
export class Router {
  readonly #page: Window;
  #route = $state.raw<Route>({ page: 'home' });
  #guard: (() => boolean) | undefined;

  constructor(page: Window) {
    this.#page = page;
    this.#route = parseRoute(page.location.hash);
    page.addEventListener('hashchange', () => this.#follow());
    page.addEventListener('beforeunload', (event) => {
      if (this.#guard?.() === true) event.preventDefault();
    });
  }

  get route(): Route {
    return this.#route;
  }

  go(route: Route): void {
    this.#page.location.hash = routeLink(route);
  }

  /** `hasUnsavedWork` is asked before the window closes; the returned function removes it. */
  guardUnload(hasUnsavedWork: () => boolean): () => void {
    this.#guard = hasUnsavedWork;
    return () => (this.#guard = undefined);
  }

  #follow(): void {
    this.#route = parseRoute(this.#page.location.hash);
  }
}
