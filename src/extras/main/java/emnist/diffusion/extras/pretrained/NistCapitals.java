package emnist.diffusion.extras.pretrained;

import emnist.diffusion.data.ClassMapping;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.data.EmnistDataset.Orientation;
import emnist.diffusion.extras.data.LettersFolder;
import emnist.diffusion.extras.data.LettersFolder.Letter;
import emnist.diffusion.random.CounterRandom;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The handwritten capitals that the network in the box was trained on: those of NIST's Special
 * Database 19, from which EMNIST was made, as the "handwritten A-Z" collection distributes them.
 *
 * @param train the letters to train on
 * @param test 20 of each letter, which nothing is trained on
 */
public record NistCapitals(List<Letter> train, List<Letter> test) {

  private static final List<String> FILES = List.of("az-uniform", "az-original");
  private static final String NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  private static final int HELD_OUT_PER_LETTER = 20;

  /**
   * Reads {@code az-uniform-images-idx3-ubyte.gz}, its labels, and the same of {@code az-original},
   * upright and labelled from 0. Of equal images only the first is kept.
   *
   * @param seed decides which images are held out
   * @throws IOException that names the file which is missing, damaged or does not match the other,
   *     or the letter with too few images
   */
  public static NistCapitals read(Path folder, long seed) throws IOException {
    List<List<Letter>> byLetter = new ArrayList<>();
    for (int letter = 0; letter < NAMES.length(); letter++) {
      byLetter.add(new ArrayList<>());
    }
    Set<ByteBuffer> seen = new HashSet<>();
    for (String file : FILES) {
      EmnistDataset data =
          EmnistDataset.fromIdx(
              folder.resolve(file + "-images-idx3-ubyte.gz"),
              folder.resolve(file + "-labels-idx1-ubyte.gz"),
              Orientation.UPRIGHT,
              ClassMapping.ofCharacters(0, NAMES));
      requireSize(data, folder);
      ByteBuffer pixels = data.pixels();
      for (int i = 0; i < data.size(); i++) {
        byte[] image = new byte[LettersFolder.SIDE * LettersFolder.SIDE];
        pixels.get(image);
        if (seen.add(ByteBuffer.wrap(image))) {
          byLetter.get(data.label(i)).add(new Letter(data.label(i), image));
        }
      }
    }
    List<Letter> train = new ArrayList<>();
    List<Letter> test = new ArrayList<>();
    for (int letter = 0; letter < byLetter.size(); letter++) {
      List<Letter> letters = byLetter.get(letter);
      requireEnough(letters, letter, folder);
      int[] order = new CounterRandom(seed, letter).permutation(letters.size());
      for (int i = 0; i < order.length; i++) {
        (i < HELD_OUT_PER_LETTER ? test : train).add(letters.get(order[i]));
      }
    }
    return new NistCapitals(train, test);
  }

  private static void requireEnough(List<Letter> letters, int letter, Path folder)
      throws IOException {
    if (letters.size() <= HELD_OUT_PER_LETTER) {
      throw new IOException(
          "Expected more than %s different images of each letter in %s, found %s of %s. Use the files of the collection."
              .formatted(HELD_OUT_PER_LETTER, folder, letters.size(), NAMES.charAt(letter)));
    }
  }

  private static void requireSize(EmnistDataset data, Path folder) throws IOException {
    if (data.height() != LettersFolder.SIDE || data.width() != LettersFolder.SIDE) {
      throw new IOException(
          "Expected images of %s x %s pixels in %s, found %s x %s. Use the files of the collection."
              .formatted(
                  LettersFolder.SIDE, LettersFolder.SIDE, folder, data.height(), data.width()));
    }
  }

  /**
   * As many training letters of each kind: first the letters themselves, then distorted ones.
   *
   * @param perLetter how many of each
   * @param seed decides the distortions
   */
  public List<Letter> distorted(int perLetter, long seed) {
    List<Letter> all = new ArrayList<>();
    for (int letter = 0; letter < NAMES.length(); letter++) {
      int wanted = letter;
      List<Letter> own = train.stream().filter(l -> l.letter() == wanted).toList();
      for (int i = 0; i < perLetter; i++) {
        byte[] pixels = own.get(i % own.size()).pixels();
        CounterRandom random = new CounterRandom(seed, letter, i);
        all.add(new Letter(letter, i < own.size() ? pixels : Distortion.of(pixels, random)));
      }
    }
    return all;
  }
}
