/// The words that pet names are made of: short, friendly, one word each.
enum PetWords {
    static let adjectives: [Substring] = """
        able active adept agile airy alert alive ample amused apt aqua ardent artful astute awake aware balmy beaming \
        better big blithe bold bonny boss bouncy brave breezy brief bright brisk bronze bubbly calm candid careful \
        caring casual central cheerful chief choice civil classic clean clear clever close coastal comic composed \
        cool coral cordial cosmic cosy crafty creative crisp cuddly curious daring darling dashing dear decent deep \
        deft delicate dense devoted direct dreamy driven dusty eager early earnest easy elated elegant eminent enough \
        epic equal even exact expert fabled fair famous fancy fast fearless fertile festive fine firm fit fleet fluent \
        fond frank free fresh frosty full funky gallant gentle giant gifted giving glad gleaming global golden good \
        graceful grand grateful great green growing handy happy hardy harmonic hearty helpful heroic hip honest hopeful \
        huge humble ideal immense intent inviting jaunty jazzy jolly jovial joyful just keen key kind knowing large \
        lasting leading learning legal light likely literate live lively loud loving loyal lucid lucky lunar magnetic \
        major mellow merry mighty mild mint model modest moral musical mutual native natural neat nimble noble normal \
        notable novel nutty open optimal organic patient peaceful perfect plain playful pleasant plucky poetic polite \
        popular precise premium prime profound prompt proper proud pure quick quiet rapid rare ready refined regular \
        relaxed rich right rosy round royal rustic sacred safe secure serene sharp shining silent silver simple sincere \
        skilled smart smooth social soft solar solid sought sound spicy splendid square stable steady stellar sterling \
        still stirring strong suave sunny super supple sure sweeping sweet swift talented tender thankful thorough tidy \
        tough tranquil true trusty unbiased upright upward usable useful valid valued vast verified viable vital vivid \
        warm wealthy welcome whole willing wise witty wondrous worthy young zesty
        """.split { $0 == " " || $0 == "\n" }

    static let animals: [Substring] = """
        aardvark adder albatross alpaca anchovy ant anteater antelope ape armadillo asp axolotl baboon badger barbet \
        barnacle barracuda bass bat beagle bear beaver bee beetle bengal bison blackbird boar bobcat bonobo buffalo \
        bug bulldog bullfrog bunny burro butterfly buzzard calf camel canary capybara caribou cardinal cat caterpillar \
        catfish chamois chameleon cheetah chicken chickadee chimp chinchilla chipmunk cicada civet clam cobra cockatoo \
        cod collie condor coral corgi cougar cow cowbird coyote crab crane crawdad cricket crocodile crow cub cuckoo \
        dane deer dingo dodo doe dog dogfish dolphin donkey dormouse dory dove dragonfly drake duck duckling eagle \
        earwig echidna eel egret eft elephant elf elk emu ermine ewe falcon fawn feline ferret filly finch firefly fish \
        flamingo flounder fly foal fowl fox foxhound frog gannet gar gazelle gecko gelding gerbil gibbon giraffe glider \
        gnat gnu goat goldfinch goose gopher gorilla goshawk grackle griffon grizzly grouper grouse grub guinea \
        gull guppy haddock halibut hamster hare hawk hedgehog hen heron herring hippo hog honeybee hookworm hornet \
        horse hound husky hyena ibex ibis iguana impala insect jackal jackass jackdaw jaguar jay jennet joey \
        kangaroo katydid kestrel kid killdeer kingfish kit kite kitten kiwi koala kodiak koi krill kudu labrador \
        lacewing ladybird lamb lamprey lark lemming lemur leopard liger lion lioness lionfish lizard llama lobster \
        locust loon louse lynx macaque macaw mackerel magpie mako mallard mammoth man manatee manta mantis marlin \
        marmoset marmot marten martin mastiff mayfly meerkat midge mink minnow mite mole mollusk mongoose monitor \
        monkey moose moray moth mouse mudfish mule muskox muskrat mustang narwhal newt nightjar numbat ocelot octopus \
        okapi opossum orca oriole oryx osprey ostrich otter owl ox oyster panda pangolin panther parakeet parrot \
        partridge peacock pelican penguin perch pheasant pig pigeon piglet pika pipefish piranha platypus polecat \
        pony porpoise possum prawn primate puffin pug puma pup python quagga quail quetzal quokka rabbit raccoon \
        raptor raven ray redbird redfish reindeer rhea rhino robin rooster sailfish salamander salmon sandpiper \
        sardine sawfish scorpion seagull seahorse seal serval shark sheep shepherd shiner shrew shrimp skink skunk \
        skylark sloth slug snail snake snapper snipe sole sparrow spider sponge squid squirrel stag stallion starfish \
        starling stingray stoat stork sturgeon sunbird sunfish swallow swan swift tadpole tahr tapir tarpon teal \
        termite tern terrapin terrier thrush tick tiger titmouse toad toucan treefrog trout tuna turkey turtle unicorn \
        urchin viper vole vulture wallaby walleye walrus warbler warthog wasp weasel weevil whale whippet wildcat \
        wolf wolverine wombat woodcock worm wren yak zebra
        """.split { $0 == " " || $0 == "\n" }
}
