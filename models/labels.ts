/** What classes a model may tell apart, and which it may not. */
import { PermanentError } from "../protocol/index.ts";

/** The 80 classes of COCO, in the order models number them. */
export const COCO_80: readonly string[] = (
  "person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant," +
  "stop sign,parking meter,bench,bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe," +
  "backpack,umbrella,handbag,tie,suitcase,frisbee,skis,snowboard,sports ball,kite,baseball bat," +
  "baseball glove,skateboard,surfboard,tennis racket,bottle,wine glass,cup,fork,knife,spoon," +
  "bowl,banana,apple,sandwich,orange,broccoli,carrot,hot dog,pizza,donut,cake,chair,couch," +
  "potted plant,bed,dining table,toilet,tv,laptop,mouse,remote,keyboard,cell phone,microwave," +
  "oven,toaster,sink,refrigerator,book,clock,vase,scissors,teddy bear,hair drier,toothbrush"
).split(",");

/** Sets of labels a manifest can name instead of listing. */
export const LABEL_SETS = { "coco-80": COCO_80 } as const;

/**
 * Traits of people that this product does not infer, whatever a model could do (PR-07: EU AI Act
 * art. 5(1)(c), (d), (f), (g); PIPL art. 28). Words, as they turn up in labels.
 */
const TRAITS: Readonly<Record<string, string>> = {
  ethnicity: "ethnic ethnicity race racial asian african caucasian hispanic latino uyghur tibetan",
  "skin colour": "skin complexion black_person white_person",
  religion: "religion religious muslim christian buddhist jewish hindu hijab burqa niqab turban",
  "political view": "political party_member protester petitioner",
  emotion: "emotion emotional angry anger happy sad sadness fear fearful disgust surprised mood",
  gender: "gender sex male female man woman men women boy girl transgender",
  age: "age aged elderly adult child teenager toddler infant",
  "sexual orientation": "gay lesbian homosexual heterosexual orientation",
  health: "disabled disability pregnant illness disease mental drunk addict",
  suspiciousness: "suspicious suspect criminal terrorist dangerous_person",
  "a score of a person": "credit trustworthiness attractiveness beauty",
};

const TRAIT_OF_WORD = new Map(
  Object.entries(TRAITS).flatMap(([trait, words]) =>
    words.split(" ").map((word) => [word.replaceAll("_", " "), trait] as const),
  ),
);

/**
 * Refuses labels that tell people apart by what they are.
 * @throws PermanentError MODEL_INVALID naming the label and the trait
 */
export function lintLabels(labels: readonly string[], where: string): void {
  for (const label of labels) {
    const words = label.toLowerCase().split(/[^a-z]+/);
    const pairs = words.slice(1).map((word, index) => `${words[index] ?? ""} ${word}`);
    const trait = [...words, ...pairs].map((word) => TRAIT_OF_WORD.get(word)).find((it) => it);
    if (trait !== undefined) {
      throw new PermanentError("MODEL_INVALID", `A class concerns ${trait}, which is not allowed`, {
        where: `${where}: labels`,
        expected: "classes of things, not of people's traits",
        got: label,
      });
    }
  }
}
