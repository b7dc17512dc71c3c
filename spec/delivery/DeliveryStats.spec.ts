import fc from "fast-check";
import { DeliveryStats } from "../../lib/delivery/DeliveryStats";

type OpenState = Parameters<DeliveryStats["drop"]>[2];

interface Model {
  accepted: number;
  delivered: number;
  replayed: number;
  dropped: Record<string, number>;
  open: Record<OpenState, number>;
}

const count = fc.oneof(fc.integer({ min: -3, max: 40 }), fc.constantFrom(NaN, Infinity, 1.5));
const from = fc.constantFrom<OpenState>("pending", "spooled");
const reason = fc.constantFrom("http_400", "spool_full", "expired", "constructor", "__proto__");
const isCount = (n: number): boolean => Number.isSafeInteger(n) && n > 0;

const take = (model: Model, n: number, state: OpenState): number => {
  const moved = isCount(n) ? Math.min(n, model.open[state]) : 0;
  model.open[state] -= moved;
  return moved;
};

const operations = fc.oneof(
  fc.record({ op: fc.constant("accept" as const), n: count }),
  fc.record({ op: fc.constant("adopt" as const), n: count }),
  fc.record({ op: fc.constant("spool" as const), n: count }),
  fc.record({ op: fc.constant("deliver" as const), n: count, from }),
  fc.record({ op: fc.constant("drop" as const), n: count, from, reason }),
);

describe("the counts of a pipe", () => {
  it("balance after any sequence of operations, and agree with a model", () => {
    fc.assert(
      fc.property(fc.array(operations, { maxLength: 60 }), (sequence) => {
        const counts = new DeliveryStats();
        const model: Model = {
          accepted: 0,
          delivered: 0,
          replayed: 0,
          dropped: Object.create(null) as Record<string, number>,
          open: { pending: 0, spooled: 0 },
        };
        for (const step of sequence) {
          const { n } = step;
          if (step.op === "accept" || step.op === "adopt") {
            counts[step.op](n);
            if (isCount(n)) {
              model.accepted += n;
              model.open[step.op === "accept" ? "pending" : "spooled"] += n;
            }
          } else if (step.op === "spool") {
            counts.spool(n);
            model.open.spooled += take(model, n, "pending");
          } else if (step.op === "deliver") {
            counts.deliver(n, step.from);
            const moved = take(model, n, step.from);
            model.delivered += moved;
            if (step.from === "spooled") model.replayed += moved;
          } else {
            counts.drop(step.reason, n, step.from);
            const moved = take(model, n, step.from);
            if (moved > 0) model.dropped[step.reason] = (model.dropped[step.reason] ?? 0) + moved;
          }
          const stats = counts.snapshot();
          const dropped = Object.values(stats.dropped).reduce((sum, each) => sum + each, 0);
          expect(stats.accepted).toBe(stats.delivered + dropped + stats.spooled + stats.pending);
          expect(stats).toEqual({
            accepted: model.accepted,
            delivered: model.delivered,
            replayed: model.replayed,
            dropped: stats.dropped,
            ...model.open,
          });
          expect(Object.entries(stats.dropped).sort()).toEqual(
            Object.entries(model.dropped).sort(),
          );
        }
      }),
    );
  });

  it("keep a bounded number of reasons, and count the rest as `other`", () => {
    const counts = new DeliveryStats();
    counts.accept(200);
    for (let i = 0; i < 200; i++) counts.drop(`http_${i}`, 1, "pending");
    const { dropped } = counts.snapshot();
    expect(Object.keys(dropped)).toHaveLength(65);
    expect(dropped["other"]).toBe(136);
  });
});
