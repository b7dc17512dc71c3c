/** Preloaded if we may not mount over the system's file: look-ups query a silent server, and keep the process alive. */
const dns = require("node:dns");
dns.setServers([process.env.SILENT_NAMES]);
dns.lookup = (host, options, done) =>
  dns.resolve4(host, (error, addresses) => done(error, addresses?.[0] ?? "", 4));
