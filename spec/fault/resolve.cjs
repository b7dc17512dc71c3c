/** Preloaded when an unknown host name has come to exist for the system's look-up; name servers refuse to answer. */
const dns = require("node:dns");
const { lookup } = dns;
dns.setServers(["127.0.0.1:9"]);
dns.lookup = (host, options, done) =>
  lookup(host.endsWith(".invalid") ? "127.0.0.1" : host, options, done);
