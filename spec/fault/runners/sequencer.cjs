/** Jest's order of files, which otherwise follows their sizes and how long they took before. */
module.exports = class {
  sort = (tests) => [...tests].sort((a, b) => (a.path < b.path ? -1 : 1));
  allFailedTests = (tests) => tests;
  shard = (tests) => tests;
  cacheResults() {
    // No order is learnt.
  }
};
