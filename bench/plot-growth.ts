import type { Row } from './row.ts';

const [width, height] = [840, 420];
const frame = { left: 60, right: 560, top: 30, bottom: 370 };
const colours = ['#1b6ca8', '#c8553d', '#3d8361', '#8a5a9e', '#b8860b', '#5f6b73'];

interface Point {
  readonly people: number;
  readonly value: number;
}

/** Plot of figures in milliseconds by the number of known people: both axes are logarithmic, so a figure that grows in proportion has slope one. */
export function plotGrowth(rows: readonly Row[]): string {
  const lines = [...linesOf(rows)];
  const points = lines.flatMap(([, some]) => some);
  const scaleX = scale(
    points.map(({ people }) => people),
    frame.left,
    frame.right,
  );
  const scaleY = scale(
    points.map(({ value }) => value),
    frame.bottom,
    frame.top,
  );
  const drawn = lines.map(([name, some], index) => {
    const colour = colours[index % colours.length];
    const path = some.map(({ people, value }) => `${scaleX.at(people)},${scaleY.at(value)}`).join(' ');
    const dots = some.map(({ people, value }) => `<circle cx="${scaleX.at(people)}" cy="${scaleY.at(value)}" r="3" fill="${colour}"/>`).join('');
    const label = `<text x="${frame.right + 20}" y="${frame.top + 14 + index * 20}" fill="${colour}">${name}</text>`;
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${dots}${label}`;
  });
  const across = scaleX.ticks.map((tick) => `<text x="${scaleX.at(tick)}" y="${frame.bottom + 20}" text-anchor="middle">${tick.toLocaleString('en')}</text>`);
  const up = scaleY.ticks.map(
    (tick) =>
      `<line x1="${frame.left}" x2="${frame.right}" y1="${scaleY.at(tick)}" y2="${scaleY.at(tick)}" stroke="#ddd"/><text x="${frame.left - 8}" y="${scaleY.at(tick) + 4}" text-anchor="end">${tick.toLocaleString('en')}</text>`,
  );
  const title = `<text x="${frame.left}" y="18">milliseconds (p50) by people who are known</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12"><title>Milliseconds by people who are known</title><rect width="${width}" height="${height}" fill="#fff"/>${[title, ...up, ...across, ...drawn].join('')}</svg>\n`;
}

/** Rows such as "SAML login, new person, 1,000 identities", by the text before the number. */
function linesOf(rows: readonly Row[]): ReadonlyMap<string, readonly Point[]> {
  const points = rows.flatMap(({ name, unit, p50 }) => {
    const match = /^(.*), ([\d,]+) identities$/.exec(name);
    return match?.[1] && match[2] && unit === 'ms' && p50 !== null ? [{ name: match[1], people: Number(match[2].replaceAll(',', '')), value: p50 }] : [];
  });
  return Map.groupBy(points, ({ name }) => name);
}

/** Scale of the powers of ten that include all values. */
function scale(values: readonly number[], from: number, to: number): { readonly ticks: readonly number[]; at(value: number): number } {
  const exponents = values.map((value) => Math.log10(Math.max(value, 0.001)));
  const [low, high] = values.length === 0 ? [0, 1] : [Math.floor(Math.min(...exponents)), Math.ceil(Math.max(...exponents))];
  const span = Math.max(1, high - low);
  return {
    ticks: Array.from({ length: span + 1 }, (_, index) => 10 ** (low + index)),
    at: (value) => Math.round((from + ((Math.log10(Math.max(value, 0.001)) - low) / span) * (to - from)) * 10) / 10,
  };
}
