/** Runs the files in the order of their names; Jest would go by their size and previous duration. */
module.exports = class {
  sort = (tests) => [...tests].sort((a, b) => (a.path < b.path ? -1 : 1));
  allFailedTests = (tests) => tests;
  shard = (tests) => tests;
  cacheResults() {
    // Nothing is learnt for the next run.
  }
};
