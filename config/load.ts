/** Reads a YAML file through a schema: unknown keys are errors, and every error names its place. */
import { readFileSync } from "node:fs";
import { parse, YAMLParseError } from "yaml";
import type { z } from "zod";
import { fromZodError, PermanentError } from "../protocol/index.ts";

/**
 * @throws PermanentError CONFIG_INVALID when the file cannot be read, is not YAML or breaks the
 * schema; the message says what was expected, what came and at which key of which file.
 */
export function loadYaml<Schema extends z.ZodType>(file: string, schema: Schema): z.output<Schema> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new PermanentError(
      "CONFIG_INVALID",
      "A configuration file cannot be read",
      {
        where: file,
        expected: "a readable YAML file",
        got: (error as NodeJS.ErrnoException).code ?? "",
      },
      error,
    );
  }
  return parseYaml(text, file, schema);
}

/** As `loadYaml`, for text already at hand; `where` names it in errors. */
export function parseYaml<Schema extends z.ZodType>(
  text: string,
  where: string,
  schema: Schema,
): z.output<Schema> {
  let data: unknown;
  try {
    data = parse(text) ?? {};
  } catch (error) {
    const line = error instanceof YAMLParseError ? error.linePos?.[0].line : undefined;
    throw new PermanentError(
      "CONFIG_INVALID",
      "A configuration file is not YAML",
      { where: line === undefined ? where : `${where}:${String(line)}` },
      error,
    );
  }
  const result = schema.safeParse(data);
  if (!result.success) {
    throw fromZodError("CONFIG_INVALID", `Configuration ${where}`, result.error);
  }
  return result.data;
}
