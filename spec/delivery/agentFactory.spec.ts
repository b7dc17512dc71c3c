import * as http from "node:http";
import * as https from "node:https";
import { agentFactory } from "../../lib/delivery/agentFactory";

const certificates = { ca: Buffer.from("an authority") };

it.each([
  ["http:", http.Agent, undefined],
  ["https:", https.Agent, certificates.ca],
])(
  "the agent for %s keeps connections alive, and has the certificates only if it uses TLS",
  (protocol, Agent, ca) => {
    const agent = agentFactory(certificates)(protocol) as http.Agent & {
      options: https.AgentOptions;
    };
    expect(agent.constructor).toBe(Agent);
    expect(agent.options).toMatchObject({ keepAlive: true });
    expect(agent.options.ca).toBe(ca);
    agent.destroy();
  },
);
