"""Changes of the answer key that are no mistake, so that they pass (see `course try`)."""

SURVIVORS = {
    "cross_entropy": {
        "a label and a row of probabilities for each example": """
            m = len({ -> -}Y)
            m = len({Y -> A})
        """,
    },
    "model": {
        "axis 1 of a matrix is its last axis": """
            W, b = (np.zeros((C, averages.shape[{ -> -}1])), np.zeros(C))
        """,
        "the transpose of a vector is the vector": """
            dz = softmax(W @ avg{ -> .T} + b) - y
        """,
        "the number of the epoch is not used": """
            for _ in {range(num_iterations -> reversed(range(num_iterations)}): for avg, y in zip(averages, Y_oh, strict=True): dz = softmax(W @ avg + b) - y W -= learning_rate * np.outer(dz, avg) b -= learning_rate * dz
        """,
        "both have m rows": """
            for avg, y in zip(averages, Y_oh{, strict=True -> }): dz = softmax(W @ avg + b) - y W -= learning_rate * np.outer(dz, avg) b -= learning_rate * dz
            for avg, y in zip(averages, Y_oh, strict={True -> False}): dz = softmax(W @ avg + b) - y W -= learning_rate * np.outer(dz, avg) b -= learning_rate * dz
        """,
    },
    "sentences_to_indices": {
        "whole numbers, whatever their type": """
            indices = np.zeros((len(X), max_len){, dtype=int -> })
        """,
    },
    "pretrained_embedding_layer": {
        "the layer keeps float32 anyway": """
            table = np.zeros((vocab_size, n){, dtype='float32' -> })
        """,
        "its table has the same shape": """
            embedding_layer.build(({None, -> }))
        """,
        "both maps have the same words": """
            n = len(word_to_vec_map[next(iter({word_to_index -> word_to_vec_map}))])
            vocab_size = len({word_to_index -> word_to_vec_map}) + 1
        """,
        "the array is zero there, so adding to it is the same as writing to it": """
            table[index] {= -> +=} word_to_vec_map[word]
        """,
    },
    "Emojify_V2": {
        "Keras turns indices into whole numbers, and has Input in two places": """
            sentence_indices = keras.Input(input_shape{, dtype='int32' -> })
            sentence_indices = {keras -> layers}.Input(input_shape, dtype='int32')
        """,
    },
}
