/** Photos of a report: taken, shown and taken back. */
import { shrinkPhoto } from "../photo/shrink-photo.ts";
import { byId, element } from "./dom.ts";

const MAX_PHOTOS = 3;

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
        photos = [...photos, await shrinkPhoto(file)];
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
