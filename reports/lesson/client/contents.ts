/** The script of pages without figures. */
import { startFrame } from "./frame.ts";

startFrame();
