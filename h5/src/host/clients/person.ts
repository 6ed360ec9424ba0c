/** What a person does in front of the page, for tests. */

import { expect, vi } from 'vitest'
import type { TakenPicture } from '../bridge'

function cameraInput(): HTMLInputElement {
  const inputs = document.querySelectorAll<HTMLInputElement>('input[type=file]')
  expect(inputs.length, 'one camera at a time').toBe(1)
  return inputs[0]!
}

/** Take a picture in the camera that a file input has opened. */
export function takesPicture(content = 'picture', lastModified = Date.now()): void {
  const input = cameraInput()
  const file = new File([content], 'image.jpg', { type: 'image/jpeg' })
  Object.defineProperty(file, 'lastModified', { value: lastModified })
  Object.defineProperty(input, 'files', { value: [file] })
  input.dispatchEvent(new Event('change'))
}

/** Close the camera without taking one. */
export function closesCamera(): void {
  cameraInput().dispatchEvent(new Event('cancel'))
}

/** What is in a picture that came as bytes. */
export function contentOf({ picture }: TakenPicture): Promise<string> {
  expect(picture).toBeInstanceOf(Blob)
  return (picture as Blob).text()
}

/** Which addresses the page sends the person to: by `location` and by new windows. */
export function leavesFor(): string[] {
  const went: string[] = []
  vi.spyOn(window.location, 'href', 'set').mockImplementation(url => void went.push(url))
  vi.spyOn(window, 'open').mockImplementation((url) => {
    went.push(String(url))
    return null
  })
  return went
}
