// @medplum/ccda: on each line of standard input a list of paths; answers with CPU seconds and how many it could not.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

globalThis.WebSocket ??= class {}; // Node 20 has none, and the library asks for one when it is loaded
const { convertCcdaToFhir, convertXmlToCcda } = await import('@medplum/ccda');

console.log('READY');
for await (const line of createInterface({ input: process.stdin })) {
  const begun = process.cpuUsage();
  let failed = 0;
  for (const path of JSON.parse(line)) {
    try {
      const ccda = convertXmlToCcda(readFileSync(path, 'utf8'));
      JSON.stringify(convertCcdaToFhir(ccda, { ignoreUnsupportedSections: true }));
    } catch {
      failed += 1;
    }
  }
  const { user, system } = process.cpuUsage(begun);
  console.log(JSON.stringify({ seconds: (user + system) / 1e6, failed }));
}
