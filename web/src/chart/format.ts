export type Format = (value: number) => string;

const kScales = ['', 'k', 'M', 'G', 'T', 'P'];

/** 3 significant digits with a decimal prefix: 1.23M. */
export const formatCount: Format = (value) => {
  let scaled = Math.abs(value);
  let scale = 0;
  for (; scaled >= 999.5 && scale < kScales.length - 1; scale++) scaled /= 1000;
  const digits = Number.isInteger(value) && scale === 0 ? 0 : scaled < 10 ? 2 : scaled < 100 ? 1 : 0;
  return `${value < 0 ? '-' : ''}${scaled.toFixed(digits)}${kScales[scale]!}`;
};

export const formatPercent: Format = (value) => `${value.toFixed(value < 10 ? 1 : 0)} %`;

const kByteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

export const formatBytes: Format = (value) => {
  let scaled = value;
  let unit = 0;
  for (; scaled >= 1023.5 && unit < kByteUnits.length - 1; unit++) scaled /= 1024;
  return `${scaled.toFixed(unit === 0 || scaled >= 100 ? 0 : 1)} ${kByteUnits[unit]!}`;
};

export const formatByteRate: Format = (value) => `${formatBytes(value)}/s`;

/** The smallest round number (1, 2, 2.5 or 5 times a power of ten) that is not below the value. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  for (const factor of [1, 2, 2.5, 5]) if (factor * power >= value) return factor * power;
  return 10 * power;
}
