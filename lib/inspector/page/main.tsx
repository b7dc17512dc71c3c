import { render } from "preact";
import { ErrorsView } from "./ErrorsView.js";
import { EventsView } from "./EventsView.js";
import { Header, Help, showHelp } from "./Header.js";
import { TiersView } from "./TiersView.js";
import { TracesView } from "./TracesView.js";
import { useKeys, usePage, VIEWS } from "./usePage.js";

const CONTENTS = { traces: TracesView, tiers: TiersView, events: EventsView, errors: ErrorsView };

function InspectorPage() {
  const page = usePage();
  const focus = (id: string) => () => document.getElementById(id)?.focus();
  useKeys({
    "/": () => document.querySelector<HTMLInputElement>("#search")?.select(),
    "?": showHelp,
    t: focus("trace-list"),
    d: focus("details"),
    "1": () => page.go({ view: "traces" }),
    "2": () => page.go({ view: "tiers" }),
    "3": () => page.go({ view: "events" }),
    "4": () => page.go({ view: "errors" }),
  });
  return (
    <>
      <Header {...page} />
      <main>
        {VIEWS.map((view) => {
          const Content = CONTENTS[view];
          return (
            <section
              id={`view-${view}`}
              role="tabpanel"
              aria-labelledby={`tab-${view}`}
              tabIndex={view === "tiers" ? 0 : undefined}
              hidden={view !== page.place.view}
            >
              <Content {...page} />
            </section>
          );
        })}
      </main>
      <Help />
    </>
  );
}

const root = document.getElementById("page");
if (root !== null) render(<InspectorPage />, root);
