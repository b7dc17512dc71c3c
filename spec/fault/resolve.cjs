/** Preloaded where a host name that nobody knew has come into being. */
const dns = require("node:dns");
const { lookup } = dns;
dns.lookup = (host, options, done) => lookup(host.endsWith(".invalid") ? "127.0.0.1" : host, options, done);
