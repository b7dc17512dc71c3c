export class PostHogMirrorSpanProcessor {
  constructor() {}
  onStart() {}
  onEnding() {}
  onEnd() {}
  stats() {
    return { accepted: 0, delivered: 0, replayed: 0, dropped: {}, spooled: 0, pending: 0 };
  }
  forceFlush() {
    return Promise.resolve();
  }
  shutdown() {
    return Promise.resolve();
  }
}
