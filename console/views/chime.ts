/** The sound of a new S0: three short tones, made on the spot so that no file has to load. */

/** The part of Web Audio that is used. */
export interface ChimeContext {
  readonly currentTime: number;
  readonly state: string;
  readonly destination: AudioNode;
  resume(): Promise<void>;
  createOscillator(): OscillatorNode;
  createGain(): GainNode;
}

export interface Chime {
  /** Call it in answer to a press of a key or a button: browsers are silent before one. */
  unlock(): void;
  play(): void;
}

const TONES_HZ = [880, 1175, 880] as const;
const TONE_S = 0.16;
const GAP_S = 0.07;
const LOUDNESS = 0.35;

export function createChime(open: () => ChimeContext): Chime {
  let context: ChimeContext | undefined;
  const unlock = (): void => {
    context ??= open();
    if (context.state === "suspended") {
      context.resume().catch(() => undefined);
    }
  };
  return {
    unlock,
    play() {
      unlock();
      if (context !== undefined) {
        ring(context);
      }
    },
  };
}

function ring(context: ChimeContext): void {
  TONES_HZ.forEach((frequencyHz, index) => {
    const startS = context.currentTime + index * (TONE_S + GAP_S);
    const tone = context.createOscillator();
    const gain = context.createGain();
    tone.type = "square";
    tone.frequency.setValueAtTime(frequencyHz, startS);
    // A tone that begins at once cracks.
    gain.gain.setValueAtTime(0, startS);
    gain.gain.linearRampToValueAtTime(LOUDNESS, startS + 0.01);
    gain.gain.setValueAtTime(LOUDNESS, startS + TONE_S - 0.02);
    gain.gain.linearRampToValueAtTime(0, startS + TONE_S);
    tone.connect(gain);
    gain.connect(context.destination);
    tone.start(startS);
    tone.stop(startS + TONE_S);
  });
}
