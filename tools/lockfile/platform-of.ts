import type { LockedPackage } from './lockfile.ts';

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const processors = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];
const otherNames: Readonly<Record<string, string>> = { windows: 'win32' };

/**
 * The platform that a package's name speaks of, as npm writes it: "@swc/core-linux-x64-musl" is for Linux on x64 with musl.
 * @returns `null` when the name names no processor
 */
export function platformOf(name: string): Pick<LockedPackage, 'os' | 'cpu' | 'libc'> | null {
  const words = name.split(/[/-]/).map((word) => otherNames[word] ?? word);
  const os = words.filter((word) => systems.includes(word));
  const cpu = words.filter((word) => processors.includes(word));
  if (cpu.length === 0) return null;
  const libc = words.some((word) => word.startsWith('musl')) ? ['musl'] : words.includes('gnu') ? ['glibc'] : [];
  return { cpu, ...(os.includes('linux') && libc.length > 0 ? { libc } : {}), ...(os.length > 0 ? { os } : {}) };
}
