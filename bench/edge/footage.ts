/**
 * The cameras' footage, made once: public clips of people and cars, four seconds of motion and
 * sixteen of stillness with a sensor's noise, each camera beginning elsewhere in it.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const FOLDER = path.resolve(import.meta.dirname, "../../.cache/bench");
const DEMO = path.resolve(import.meta.dirname, "../../.cache/footage/vtest.avi");
const SHARED = path.resolve(import.meta.dirname, "../../../shared/data/video");

export const SIZE = { width: 640, height: 360 } as const;
export const FPS = 10;
/** Of the whole clip; 4 s of it move. */
export const CLIP_S = 20;
/** FFmpeg gives one key frame every 2 s, where a clip can begin. */
const GOP_S = 2;
const PHASES = CLIP_S / GOP_S;
const LEG_S = 2;
const NOISE = 3;
const FAST_FPS = 60;

const FIT = `scale=${SIZE.width}:${SIZE.height}:force_original_aspect_ratio=increase,crop=${SIZE.width}:${SIZE.height},setsar=1`;
/** As cameras send it. */
const ENCODE = ["-an", "-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-bf", "0"].concat([
  "-pix_fmt",
  "yuv420p",
  "-sc_threshold",
  "0",
]);

interface Scene {
  readonly name: string;
  readonly file: string;
  readonly fromS: number;
}

const SCENES: readonly Scene[] = [
  { name: "vtest-5", file: DEMO, fromS: 5 },
  { name: "one-by-one", file: path.join(SHARED, "one-by-one-person-detection.mp4"), fromS: 20 },
  { name: "vtest-30", file: DEMO, fromS: 30 },
  { name: "cars", file: path.join(SHARED, "car-detection.mp4"), fromS: 8 },
  { name: "vtest-55", file: DEMO, fromS: 55 },
  { name: "campus", file: path.join(SHARED, "TUD-Campus.mp4"), fromS: 0.5 },
];

/** Why nothing can be measured; undefined when there is at least one source. */
export function footageMissing(): string | undefined {
  return existsSync(DEMO)
    ? undefined
    : "the footage is missing; node scripts/setup.mjs footage fetches it";
}

/** Names of the clips that are left out because their source is missing. */
export function missingScenes(): readonly string[] {
  return SCENES.filter(({ file }) => !existsSync(file)).map(({ name }) => name);
}

/**
 * One file per camera, cameras spread evenly over the clip's length.
 * @param isUniform all cameras show the same scene, so that they ask for equally much.
 */
export async function cameraClips(count: number, isUniform = false): Promise<string[]> {
  const scenes = SCENES.filter(({ file }) => existsSync(file)).slice(0, isUniform ? 1 : undefined);
  const clips: string[] = [];
  for (let camera = 0; camera < count; camera++) {
    const scene = scenes[camera % scenes.length] as Scene;
    // Three is prime to the number of phases, so neighbours do not move together.
    const phase = (camera * 3 + Math.floor(camera / PHASES)) % PHASES;
    clips.push(await phaseOf(scene, phase));
  }
  return clips;
}

/** A scene in which nothing moves but the noise. */
export function stillClip(): Promise<string> {
  return made("still", (target) => {
    const frames = CLIP_S * FPS;
    const freeze = `trim=end_frame=1,loop=loop=${frames - 1}:size=1:start=0,setpts=N/${FPS}/TB`;
    const filter = `fps=${FPS},${FIT},${freeze},noise=alls=${NOISE}:allf=t`;
    return ["-ss", "5", "-i", DEMO, "-vf", filter, "-r", String(FPS), ...gop(FPS), target];
  });
}

/** Every picture is a key frame, so that a camera shows its first one at once. */
export function intraClip(): Promise<string> {
  return made("intra", (target) => {
    const filter = `fps=${FPS},${FIT}`;
    return ["-ss", "5", "-t", "2", "-i", DEMO, "-vf", filter, ...ENCODE, "-g", "1", target];
  });
}

/** Sixty pictures a second, all of which move: more than anything here can look at. */
export function fastClip(): Promise<string> {
  return made("fast", (target) => {
    const filter = `${FIT},setpts=N/${FAST_FPS}/TB`;
    const rate = ["-r", String(FAST_FPS), "-frames:v", "480"];
    return ["-ss", "5", "-i", DEMO, "-vf", filter, ...rate, ...gop(FAST_FPS), target];
  });
}

/** The first picture of the fast clip, I420. */
export async function firstFrame(): Promise<Uint8Array> {
  const args = ["-v", "error", "-i", await fastClip(), "-frames:v", "1", "-pix_fmt", "yuv420p"];
  const { stdout } = await run("ffmpeg", [...args, "-f", "rawvideo", "pipe:1"], {
    encoding: "buffer",
    maxBuffer: 16 * 2 ** 20,
  });
  return stdout;
}

function gop(fps: number): string[] {
  return [...ENCODE, "-g", String(fps * GOP_S), "-keyint_min", String(fps * GOP_S)];
}

/** Forward and back again, so that neither the stillness nor the loop begins with a jump. */
function sceneClip({ name, file, fromS }: Scene): Promise<string> {
  return made(name, (target) => {
    const stillFrames = (CLIP_S - 2 * LEG_S) * FPS;
    const retimed = `setpts=N/${FPS}/TB`;
    const filter = [
      `[0:v]fps=${FPS},${FIT},trim=end_frame=${LEG_S * FPS},${retimed},split=3[a][b][c]`,
      `[b]reverse,${retimed}[r]`,
      `[c]trim=end_frame=1,loop=loop=${stillFrames - 1}:size=1:start=0,${retimed}[s]`,
      `[a][r][s]concat=n=3:v=1,${retimed},noise=alls=${NOISE}:allf=t`,
    ].join(";");
    const input = ["-ss", String(fromS), "-t", String(LEG_S + 1), "-i", file];
    return [...input, "-filter_complex", filter, "-r", String(FPS), ...gop(FPS), target];
  });
}

/** The scene's clip, beginning `phase` groups of pictures later. */
async function phaseOf(scene: Scene, phase: number): Promise<string> {
  const whole = await sceneClip(scene);
  if (phase === 0) {
    return whole;
  }
  const list = path.join(FOLDER, `${scene.name}.${phase}.txt`);
  const seamS = phase * GOP_S;
  // Half a frame of slack: the way in is sought backwards to a key frame, the way out is not.
  const slackS = 0.5 / FPS;
  const [inS, outS] = [seamS + slackS, seamS - slackS].map(String);
  await writeFile(list, `file '${whole}'\ninpoint ${inS}\nfile '${whole}'\noutpoint ${outS}\n`);
  return made(`${scene.name}.${phase}`, (target) => [
    ...["-f", "concat", "-safe", "0", "-i", list, "-c", "copy", "-an", target],
  ]);
}

/** Made beside its place and renamed when whole. */
async function made(
  name: string,
  argumentsOf: (target: string) => readonly string[],
): Promise<string> {
  const target = path.join(FOLDER, `${name}.mp4`);
  if (!existsSync(target)) {
    await mkdir(FOLDER, { recursive: true });
    const partial = path.join(FOLDER, `${name}.partial.mp4`);
    await run("ffmpeg", ["-v", "error", "-nostdin", "-y", ...argumentsOf(partial)]);
    await rename(partial, target);
  }
  return target;
}
