// @medplum/ccda: on each line of standard input a list of paths; answers with CPU seconds and how many it could not; for
// {"path": …} also with the resources that it made of that one, by type.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

globalThis.WebSocket ??= class {}; // Node 20 has none, and the library asks for one when it is loaded
const { convertCcdaToFhir, convertXmlToCcda } = await import('@medplum/ccda');

console.log('READY');
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  const begun = process.cpuUsage();
  let failed = 0, made = '{}';
  for (const path of asked.path ? [asked.path] : asked) {
    try {
      const ccda = convertXmlToCcda(readFileSync(path, 'utf8'));
      made = JSON.stringify(convertCcdaToFhir(ccda, { ignoreUnsupportedSections: true }));
    } catch {
      failed += 1;
    }
  }
  const { user, system } = process.cpuUsage(begun);
  const told = { seconds: (user + system) / 1e6, failed };
  if (asked.path) {
    told.made = {};
    for (const { resource } of JSON.parse(made).entry ?? []) {
      told.made[resource.resourceType] = (told.made[resource.resourceType] ?? 0) + 1;
    }
  }
  console.log(JSON.stringify(told));
}
