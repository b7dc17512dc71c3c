/** Preloaded where a host name that nobody knew has come into being, by the word of the system; a name server refuses to answer. */
const dns = require("node:dns");
const { lookup } = dns;
dns.setServers(["127.0.0.1:9"]);
dns.lookup = (host, options, done) =>
  lookup(host.endsWith(".invalid") ? "127.0.0.1" : host, options, done);
