/** Sample sets on Apache Spark; compiled with the Maven profile {@code spark} only. */
package emnist.diffusion.extras.spark;
