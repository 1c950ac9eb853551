/** Photos of the work done: taken, seen, sent at once, and sent again where the network failed. */
import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../model/index.ts";
import { sendPhoto } from "../../photo/send-photo.ts";
import { shrinkPhoto } from "../../photo/shrink-photo.ts";
import { Icon } from "../icons.tsx";
import { useCommands } from "./context.tsx";
import "../../styles/photos.css";

interface Photo {
  readonly id: string;
  readonly name: string;
  /** Object URL; empty until it has been drawn. */
  readonly src: string;
  readonly blob: Blob | null;
  readonly takenAt: string;
  readonly state: "sending" | "sent" | "failed" | "refused" | "unreadable";
  /** 0–1. */
  readonly share: number;
  readonly sha256: string | null;
}

export interface PhotosProps {
  readonly caseId: string;
  readonly isFirst?: boolean;
  /** Hashes of what was sent; null in the place of what is still under way. */
  readonly onChange?: (hashes: readonly (string | null)[]) => void;
}

const MAX_PHOTOS = 6;

export function Photos({ caseId, isFirst = false, onChange }: PhotosProps) {
  const { t } = useTranslation();
  const id = useId();
  const { photos, take, send, remove } = usePhotos(caseId, onChange);
  // The button that was pressed goes away: the focus must not go with it.
  const input = useRef<HTMLInputElement>(null);
  const toInput = (): void => input.current?.focus();
  return (
    <div className="photos">
      <label className="button photo-take" htmlFor={id}>
        <Icon name="camera" /> {t("photos.take")}
        <input
          ref={input}
          id={id}
          className="sr-only"
          type="file"
          accept="image/*"
          capture="environment"
          data-first={isFirst ? "" : undefined}
          disabled={photos.length === MAX_PHOTOS}
          onChange={(event) => {
            const [file] = event.target.files ?? [];
            event.target.value = "";
            if (file !== undefined) {
              void take(file);
            }
          }}
        />
      </label>
      <ul className="photo-list" aria-label={t("photos.list")}>
        {photos.map((photo, index) => (
          <PhotoItem
            key={photo.id}
            photo={photo}
            number={index + 1}
            onAgain={() => {
              toInput();
              void send(photo);
            }}
            onRemove={() => {
              toInput();
              remove(photo);
            }}
          />
        ))}
      </ul>
    </div>
  );
}

interface ItemProps {
  readonly photo: Photo;
  readonly number: number;
  readonly onAgain: () => void;
  readonly onRemove: () => void;
}

function PhotoItem({ photo, number, onAgain, onRemove }: ItemProps) {
  const { t } = useTranslation();
  const { src, state, share } = photo;
  return (
    <li data-state={state}>
      {src === "" ? (
        <span className="snapshot-empty photo-none">
          <Icon name="picture" />
        </span>
      ) : (
        <img src={src} alt={t("photos.alt", { number })} />
      )}
      <span role="status">
        {state === "sent" && <Icon name="check" />}
        {t(`photos.${state}`, { percent: Math.round(share * 100) })}
      </span>
      {state === "sending" && (
        <progress value={share} max={1} aria-label={t("photos.progress", { number })} />
      )}
      {state === "failed" && (
        <button type="button" className="button button-small" onClick={onAgain}>
          {t("photos.again")}
        </button>
      )}
      {state !== "sent" && (
        <button type="button" className="button button-small" onClick={onRemove}>
          {t("photos.remove")}
          <span className="sr-only"> {number}</span>
        </button>
      )}
    </li>
  );
}

function usePhotos(caseId: string, onChange: PhotosProps["onChange"]) {
  const { clock, newKey } = useCommands();
  const [photos, setPhotos] = useState<readonly Photo[]>([]);
  const current = useRef(photos);
  const left = useRef(new AbortController());
  useEffect(() => {
    left.current = new AbortController();
    return () => {
      left.current.abort();
      current.current.forEach(({ src }) => URL.revokeObjectURL(src));
    };
  }, []);
  const show = (next: readonly Photo[]): void => {
    current.current = next;
    setPhotos(next);
    // What was refused stays to be seen and counts for nothing.
    const counted = next.filter(({ state }) => state !== "refused" && state !== "unreadable");
    onChange?.(counted.map(({ sha256 }) => sha256));
  };
  const change = (id: string, news: Partial<Photo>): void =>
    show(current.current.map((one) => (one.id === id ? { ...one, ...news } : one)));
  const send = async ({ id, blob, takenAt }: Photo): Promise<void> => {
    if (blob === null) {
      return;
    }
    change(id, { state: "sending", share: 0 });
    const { signal } = left.current;
    const onProgress = (share: number): void => change(id, { share });
    try {
      const order = { caseId, photo: blob, takenAt, onProgress, signal };
      change(id, { state: "sent", share: 1, sha256: (await sendPhoto(order)).sha256 });
    } catch (error) {
      if (!signal.aborted) {
        change(id, { state: isFinal(error) ? "refused" : "failed" });
      }
    }
  };
  const take = async (file: File): Promise<void> => {
    const photo: Photo = {
      ...{ id: newKey(), name: file.name, src: "", blob: null, sha256: null },
      takenAt: new Date(clock.now()).toISOString(),
      ...{ state: "sending", share: 0 },
    };
    show([...current.current, photo]);
    try {
      const blob = await shrinkPhoto(file);
      const drawn = { ...photo, blob, src: URL.createObjectURL(blob) };
      change(photo.id, drawn);
      await send(drawn);
    } catch {
      change(photo.id, { state: "unreadable" });
    }
  };
  const remove = ({ id, src }: Photo): void => {
    URL.revokeObjectURL(src);
    show(current.current.filter((one) => one.id !== id));
  };
  return { photos, take, send, remove };
}

/** Trying again changes nothing. */
function isFinal(error: unknown): boolean {
  const status = error instanceof ApiError ? error.status : null;
  return status !== null && status < 500 && status !== 429 && status !== 408;
}
