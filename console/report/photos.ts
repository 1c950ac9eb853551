/** Photos from the phone, made small enough to be sent over a bad connection. */
import { byId, element } from "./dom.ts";

const MAX_PHOTOS = 3;
const LONGEST_SIDE_PX = 2_048;
const QUALITY = 0.85;

export interface Photos {
  readonly all: () => readonly Blob[];
  readonly clear: () => void;
}

export function createPhotos(onProblem: (words: { zh: string; en: string }) => void): Photos {
  const input = byId("photo", HTMLInputElement);
  const list = byId("photos", HTMLUListElement);
  let photos: readonly Blob[] = [];
  const show = (): void => {
    list.querySelectorAll("img").forEach(({ src }) => URL.revokeObjectURL(src));
    list.replaceChildren(
      ...photos.map((photo, index) => {
        const remove = element("button", { type: "button", textContent: "删除 Remove" });
        remove.setAttribute("aria-label", `删除照片 ${index + 1}, remove photo ${index + 1}`);
        remove.addEventListener("click", () => {
          photos = photos.filter((other) => other !== photo);
          show();
          input.focus();
        });
        const src = URL.createObjectURL(photo);
        return element("li", {}, element("img", { src, alt: `照片 ${index + 1}` }), remove);
      }),
    );
  };
  const take = async (files: readonly File[]): Promise<void> => {
    if (photos.length + files.length > MAX_PHOTOS) {
      onProblem({ zh: "最多三张照片", en: "Three photos at most" });
    }
    for (const file of files.slice(0, MAX_PHOTOS - photos.length)) {
      try {
        photos = [...photos, await shrink(file)];
      } catch {
        onProblem({ zh: "照片无法读取", en: "A photo cannot be read" });
      }
    }
    show();
  };
  input.addEventListener("change", () => {
    const files = [...(input.files ?? [])];
    input.value = "";
    void take(files);
  });
  return {
    all: () => photos,
    clear: () => {
      photos = [];
      show();
    },
  };
}

/** Drawn anew: the place and the phone's name in the file stay on the phone. */
async function shrink(file: Blob): Promise<Blob> {
  const image = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST_SIDE_PX / Math.max(image.width, image.height));
  const canvas = element("canvas", {
    width: Math.round(image.width * scale),
    height: Math.round(image.height * scale),
  });
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob === null ? reject(new Error("no picture")) : resolve(blob)),
      "image/jpeg",
      QUALITY,
    );
  });
}
