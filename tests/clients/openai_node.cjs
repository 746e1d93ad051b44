// Sends the requests that OpenAI's own client for JavaScript can make, and prints the results as one JSON object.
//
// node openai_node.cjs NODE_MODULES BASE_URL KEY MEDIA
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const [modules, baseURL, apiKey, media] = process.argv.slice(2);
const OpenAI = require(path.join(modules, 'openai'));

const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const stranger = new OpenAI({ baseURL, apiKey: 'wrong', maxRetries: 0 });
const sample = () => fs.createReadStream(path.join(media, 'pause.flac'));
const create = (more, by = client) =>
  by.audio.transcriptions.create({ model: 'tiny.en', file: sample(), ...more });

async function streamed(response_format) {
  const deltas = [];
  const done = [];
  for await (const event of await create({ response_format, stream: true, include: ['logprobs'] })) {
    if (event.type === 'transcript.text.delta') deltas.push(event.delta);
    else done.push({ type: event.type, text: event.text, logprobs: event.logprobs.length });
  }
  return { deltas, done };
}

async function left() {
  const file = fs.createReadStream(path.join(media, '..', '..', 'samples', 'library.flac'));
  const stream = await create({ file, stream: true });
  for await (const event of stream) return event.type;
  return null;
}

async function failed(ask) {
  try {
    return await ask();
  } catch (error) {
    return {
      kind: error.constructor.name,
      status: error.status ?? null,
      param: error.param ?? null,
      code: error.code ?? null,
      type: error.type ?? null,
      named: Boolean(error.requestID),
    };
  }
}

async function models() {
  const names = [];
  for await (const model of client.models.list()) names.push(model.id);
  return names;
}

async function raw() {
  const { data, response, request_id } = await client.audio.transcriptions
    .create({ model: 'tiny.en', file: sample(), response_format: 'vtt' })
    .withResponse();
  return { text: data, contentType: response.headers.get('content-type'), named: request_id.startsWith('req_') };
}

async function main() {
  const big = (bytes) => new File([new Uint8Array(bytes)], 'big.wav');
  const found = { formats: {}, streams: {}, granularities: {}, errors: {} };
  for (const response_format of ['json', 'text', 'srt', 'verbose_json', 'vtt']) {
    found.formats[response_format] = await create({ response_format });
    found.streams[response_format] = await streamed(response_format);
  }
  found.plain = await create({ prompt: 'a story', language: 'en', temperature: 0 });
  for (const timestamp_granularities of [['segment'], ['word'], ['word', 'segment']]) {
    found.granularities[timestamp_granularities.join()] = await create({
      response_format: 'verbose_json',
      timestamp_granularities,
    });
  }
  found.logprobs = await create({ include: ['logprobs'] });
  found.named = await create({ file: await OpenAI.toFile(sample(), 'Gespräch 東京.flac') });
  found.models = await models();
  found.model = await client.models.retrieve('whisper-1');
  found.raw = await raw();
  found.left = await left();
  found.errors = {
    key: await failed(() => create({}, stranger)),
    models: await failed(() => stranger.models.list()),
    model: await failed(() => create({ model: 'gpt-4o-transcribe' })),
    format: await failed(() => create({ response_format: 'docx' })),
    temperature: await failed(() => create({ temperature: 3 })),
    granularity: await failed(() => create({ timestamp_granularities: ['line'] })),
    file: await failed(() => create({ file: fs.createReadStream(path.join(media, 'text.mp3')) })),
    stream: await failed(() => create({ file: fs.createReadStream(path.join(media, 'text.mp3')), stream: true })),
    long: await failed(() => create({ file: big(3_000_000) })),
    longer: await failed(() => create({ file: big(60_000_000) })),
  };
  console.log(JSON.stringify(found));
}

main();
