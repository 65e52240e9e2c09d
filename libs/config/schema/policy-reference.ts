import { stringify } from 'yaml';

/** Keywords of JSON Schema that the reference shows. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly 'x-kind'?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly string[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
}

const HEAD = `<!-- Made from the schema by libs/config/schema/write-published.ts. Do not edit. -->

# Policy reference

Every field of the files under \`policy/\`, made from [their schema](schema/policy.schema.json). What the fields do together, and conditions in CEL, are in [the policy language](policy-language.md); how to reach
something with them is in [the how-tos](README.md#how-to). A duration is ISO 8601: \`PT8H\`, \`P30D\`, \`P1Y\`. In the column Default, – stands for: it may be left out, and what that means is said beside it.
`;

/** The policy reference, as Markdown. @param schema schema of the files under policy/ */
export function policyReference(schema: object): string {
  const { properties = {} } = schema as Schema;
  return [HEAD, ...Object.entries(properties).map(([name, section]) => sectionOf(name, section))].join('\n');
}

function sectionOf(name: string, section: Schema): string {
  const entry = entryOf(section);
  const rows = rowsOf(entry ?? section, '', new Map());
  const how = entry === null ? 'A map' : section.items === undefined ? 'A map: each under its name' : 'A list';
  return [
    `## ${name}\n`,
    `${capital(section.description ?? '')}. ${how}.\n`,
    '| Field | Type | Default | Meaning | Example |\n| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

/** Schema of an entry of a list or of a map with free names; `null` if the names are fixed. */
function entryOf({ items, additionalProperties }: Schema): Schema | null {
  return items ?? (typeof additionalProperties === 'object' ? additionalProperties : null);
}

/** @param shown paths of the maps that are already described, by their fields: the next one with the same fields refers to the first */
function rowsOf(schema: Schema, path: string, shown: Map<string, string>): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const own = `${path}${name}`;
    const row = rowOf(own, field, schema.required?.includes(name) ?? false);
    const [inner, at] = innerOf(field, own);
    if (inner === null) return [row];
    const shape = JSON.stringify(inner.properties);
    const before = shown.get(shape);
    if (before !== undefined) return [rowOf(own, { ...field, description: `${field.description ?? ''}; as ${before}` }, false)];
    shown.set(shape, `\`${at}\``);
    return [row, ...rowsOf(inner, `${at}.`, shown)];
  });
}

/** Schema of the fields within a field and the path to them; `null` if there are none, or if the type of the field names them. */
function innerOf(field: Schema, path: string): readonly [Schema | null, string] {
  if (field['x-kind'] !== undefined) return [null, path];
  if (field.properties !== undefined) return [field, path];
  const entry = entryOf(field);
  return entry?.properties === undefined || entry['x-kind'] !== undefined ? [null, path] : [entry, `${path}${field.items === undefined ? '.<name>' : '[]'}`];
}

function rowOf(path: string, field: Schema, isRequired: boolean): string {
  const standard = isRequired ? 'required' : field.default === undefined ? '–' : `\`${String(field.default)}\``;
  const [example] = field.examples ?? [];
  const cells = [`\`${path}\``, typeOf(field), standard, field.description ?? '', example === undefined ? '' : `\`${inYaml(example)}\``];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function typeOf(field: Schema): string {
  if (field['x-kind'] !== undefined) return field['x-kind'];
  if (field.enum !== undefined) return field.enum.map((value) => `\`${value}\``).join(', ');
  const types = [field.type ?? []].flat().filter((type) => type !== 'null');
  if (types.includes('array'))
    return field.items?.properties === undefined || field.items['x-kind'] !== undefined ? `list: ${typeOf(field.items ?? {})}` : 'list of maps';
  return types.map((type) => TYPES[type] ?? type).join(' or ');
}
const TYPES: Readonly<Record<string, string>> = { string: 'text', object: 'map', boolean: '`true`, `false`', integer: 'whole number', number: 'number' };

function inYaml(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
