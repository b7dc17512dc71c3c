import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { startCollector } from "./startCollector.mjs";

/**
 * An agent, a balancer and two gateways, as processes with their own ports. The configurations in `overlay` are laid
 * over the gateways' own. Everything they store is below the folder `state`.
 */
export async function startStack(path, { backend, state, overlay = [], env = {} }) {
  const ports = await freePorts(13);
  const address = (index) => `127.0.0.1:${ports[index]}`;
  const [agentHttp, agentGrpc, agentHealth, balancerHttp, balancerHealth, ...rest] = Array.from(
    { length: 9 },
    (_, index) => address(index),
  );
  const gatewayPorts = [
    { grpc: rest[0], health: rest[1] },
    { grpc: rest[2], health: rest[3] },
  ];
  const metricsPorts = ports.slice(9);

  const gateways = await Promise.all(
    gatewayPorts.map(({ grpc, health }, index) =>
      startCollector(path, {
        configs: ["gateway.yaml", ...overlay],
        env: {
          ...env,
          LAND_GATEWAY_GRPC: grpc,
          LAND_GATEWAY_HEALTH: health,
          LAND_GATEWAY_METRICS_PORT: String(metricsPorts[index]),
          LAND_BACKEND: backend,
          LAND_COLLECTOR_STATE: folder(state, `gateway-${index}`),
        },
        health,
      }),
    ),
  );
  const balancer = await startCollector(path, {
    configs: ["balancer.yaml"],
    env: {
      ...env,
      LAND_BALANCER_HTTP: balancerHttp,
      LAND_BALANCER_HEALTH: balancerHealth,
      LAND_BALANCER_METRICS_PORT: String(metricsPorts[2]),
      LAND_GATEWAYS: `[${gatewayPorts.map(({ grpc }) => grpc).join(", ")}]`,
    },
    health: balancerHealth,
  });
  const agent = await startCollector(path, {
    configs: ["agent.yaml"],
    env: {
      ...env,
      LAND_AGENT_HTTP: agentHttp,
      LAND_AGENT_GRPC: agentGrpc,
      LAND_AGENT_HEALTH: agentHealth,
      LAND_AGENT_METRICS_PORT: String(metricsPorts[3]),
      LAND_BALANCER: `http://${balancerHttp}`,
      LAND_COLLECTOR_STATE: folder(state, "agent"),
    },
    health: agentHealth,
  });
  return {
    agent,
    balancer,
    gateways,
    /** Where sidecars send their spans. */
    url: `http://${agentHttp}`,
    /** How many traces the gateways have not yet decided about. */
    undecided: async () =>
      (await Promise.all(metricsPorts.slice(0, 2).map(countUndecided))).reduce(
        (sum, count) => sum + count,
        0,
      ),
    stop: async () => {
      for (const collector of [agent, balancer, ...gateways]) await collector.stop();
    },
  };
}

function folder(...parts) {
  const path = join(...parts);
  mkdirSync(path, { recursive: true });
  return path;
}

/** Ports that were free a moment ago, since a collector cannot report which port it was given. */
export async function freePorts(count) {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((resolve, reject) => {
          const server = createServer().once("error", reject);
          server.listen(0, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function countUndecided(port) {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const [, value = "0"] =
    /^otelcol_processor_tail_sampling_sampling_traces_on_memory[^ ]* ([\d.e+]+)$/m.exec(text) ?? [];
  return Number(value);
}
